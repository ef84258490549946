import { describe, expect, it } from "vitest";
import { findPii } from "./find-pii.ts";

describe("numbers that are no IP addresses", () => {
  it.each([
    "Das steht in Abschnitt 5.2.4.1 der AGB.",
    "Siehe Kapitel 5.2.4.1 und Ziffer 5.2.4.2.",
    "Voir le chapitre 1.2.3.4 et l'article 1.2.3.5.",
    "Véase la sección 5.2.4.1 y el capítulo 5.2.4.2.",
    "第5.2.4.1节",
    "القسم 5.2.4.1",
    "La versión 4.8.0.1 corrige el fallo.",
    "VERSION 4.8.0.1",
    "バージョン4.8.0.1",
    "版本：4.8.0.1",
    "الإصدار 4.8.0.1",
    "גרסה 4.8.0.1",
  ])("%s", (text) => {
    expect(findPii(text, ["ip"])).toEqual([]);
  });

  it.each([
    "Die IP-Adresse lautet 93.18.21.34.",
    "La dirección es 93.18.21.34",
    "IP地址是93.18.21.34。",
    "عنوان IP هو 93.18.21.34",
    "Die Version läuft auf 93.18.21.34.",
    "Version 193.184.216.134",
  ])("but an address stays one: %s", (text) => {
    expect(findPii(text, ["ip"])).toHaveLength(1);
  });
});

describe("social security numbers without hyphens", () => {
  it.each([
    "Your SSN is 123456789.",
    "SSN# 123456789",
    '{"customer_ssn":"123456789"}',
    '{ "ssn": 123456789 }',
    "socialSecurityNumber: 123456789",
    "Social Security No. 123456789",
  ])("are found behind their name: %s", (text) => {
    const start = text.indexOf("1");
    expect(findPii(text, ["ssn"])).toEqual([{ start, end: start + 9, kind: "ssn" }]);
  });

  it.each([
    "Order 123456789",
    "SSN: 000456789",
    "ssn 1234567890",
    "session 123456789",
    "Your SSN is on file. Order 123456789 has left.",
  ])("are none elsewhere: %s", (text) => {
    expect(findPii(text, ["ssn"])).toEqual([]);
  });
});

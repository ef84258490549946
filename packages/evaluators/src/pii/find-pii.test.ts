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
    '{"userSsn":"123456789"}',
    '{"employeeSSN": 123456789}',
    String.raw`{\"ssn\": \"123456789\"}`,
    "**SSN:** 123456789",
    "SSN: `123456789`",
    "| SSN | 123456789 |",
    "<ssn>123456789</ssn>",
    "SSN – 123456789",
    "SSN #: (123456789)",
    "Her SSN was 123456789",
  ])("are found behind their name: %s", (text) => {
    const start = text.indexOf("1");
    expect(findPii(text, ["ssn"])).toEqual([{ start, end: start + 9, kind: "ssn" }]);
  });

  it.each([
    "Order 123456789",
    "SSN: 000456789",
    "ssn 1234567890",
    "session 123456789",
    "lassn 123456789",
    '{"ssn": null, "order": 123456789}',
    "Your SSN is on file. Order 123456789 has left.",
  ])("are none elsewhere: %s", (text) => {
    expect(findPii(text, ["ssn"])).toEqual([]);
  });
});

describe("addresses that look like something else", () => {
  it.each([
    ["ip", "_93.18.21.34_", "93.18.21.34"],
    ["ip", "__93.18.21.34__", "93.18.21.34"],
    ["ip", "_2001:db8::1_", "2001:db8::1"],
    ["email", "Write to jo@2x.example.com.", "jo@2x.example.com"],
    ["email", "Write to jo@1x.com", "jo@1x.com"],
    ["email", "Write to git@acme.com: they answer.", "git@acme.com"],
  ] as const)("%s: %s is found", (kind, text, found) => {
    const start = text.indexOf(found);
    expect(findPii(text, [kind])).toEqual([{ start, end: start + found.length, kind }]);
  });

  it.each([
    ["ip", "app_4.8.0.1.zip"],
    ["ip", "release_4.8.0.1"],
    ["ip", "4.8.0.1_linux"],
    ["email", "logo@2x.png"],
    ["email", "sprite@2x.json"],
    ["email", "git clone git@acme.com:team/app.git"],
    ["email", "git+ssh://git@acme.com/team/app.git"],
  ] as const)("%s: %s is none", (kind, text) => {
    expect(findPii(text, [kind])).toEqual([]);
  });
});

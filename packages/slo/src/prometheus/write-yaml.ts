import { Document, Scalar, visit } from "yaml";

/**
 * Line separators, which are line breaks to Go's YAML, and whatever it refuses or nobody can see.
 */
const UNPRINTABLE = /[\p{Cf}\p{Cn}\p{Co}\p{Zl}\p{Zp}\uFFFD]/gu;

/**
 * Escapes what is unsafe in a file; strings of PromQL and of YAML in double quotes read it back.
 */
function escapeForGo(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
}

/** A string of PromQL, which has Go's escapes. */
export function quoted(text: string): string {
  return escapeForGo(JSON.stringify(text.toWellFormed()));
}

/** Labels and annotations are templates: what a person wrote must come out as it is. */
export function literal(text: string): string {
  return text.toWellFormed().replaceAll("{{", '{{ "{{" }}');
}

/** Writes YAML that Prometheus, whose parser is Go's, reads as it was meant. */
export function writeYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: "yaml-1.1" });
  visit(document, {
    Scalar(_key, scalar) {
      const isUnsafe = typeof scalar.value === "string" && scalar.value.search(UNPRINTABLE) >= 0;
      if (isUnsafe) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return escapeForGo(document.toString({ lineWidth: 0 }));
}

/**
 * Text whose small and capital letters are the same, composed (NFC). By capitals, of which `ß`,
 * `ﬁ` and both small sigmas have one form each, and no letter another at the end of a word.
 */
export function foldCase(text: string): string {
  return text.toUpperCase().normalize("NFC");
}

import type { ModelObject } from "./sdk-types.ts";

/**
 * What kind of model an object is. `audio` is speech, transcription and translation of speech:
 * their objects look alike, and only their requests tell them apart. So is a model made by hand
 * without the fields of its kind.
 */
export type ModelKind =
  | "language"
  | "embedding"
  | "image"
  | "video"
  | "reranking"
  | "decision"
  | "extraction"
  | "audio";

/** Told by methods and by fields that a specification demands; undefined for what is no model. */
export function kindOf(model: unknown): ModelKind | undefined {
  if (typeof model !== "object" || model === null) return undefined;
  const has = (method: string): boolean =>
    typeof (model as Readonly<Record<string, unknown>>)[method] === "function";
  if (has("doEmbed")) return "embedding";
  if (has("doRerank")) return "reranking";
  if (has("doDecide") || has("doEvaluate")) return "decision";
  if (has("doExtract")) return "extraction";
  if ("maxVideosPerCall" in model || has("doStart")) return "video";
  if ("maxImagesPerCall" in model) return "image";
  if (has("doGenerate") && has("doStream") && "supportedUrls" in model) return "language";
  return has("doGenerate") || has("doStream") ? "audio" : undefined;
}

/** The versions of the specification that there are: `v2` in ai 5, `v3` in 6, `v4` in 7. */
export function versionOf(model: object): unknown {
  return (model as Partial<ModelObject>).specificationVersion;
}

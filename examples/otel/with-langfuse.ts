import { type LangfuseExporter, langfuseExporter } from "@burnrate/langfuse";
import { LangfuseClient } from "@langfuse/client";
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { createGuard, type Guard } from "burnrate";

/** Langfuse's processor sends observations, the exporter the scores. */
export function withLangfuse(): Guard {
  const spanProcessors = [new LangfuseSpanProcessor()];
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  return createGuard({ exporters: [langfuseExporter({ client: new LangfuseClient() })] });
}

/** The same without a client: the key comes from a vault, for each request. */
export function withVault(readSecret: () => Promise<string>): LangfuseExporter {
  return langfuseExporter({
    baseUrl: "https://langfuse.example.com",
    publicKey: "pk-lf-1234",
    secretKey: readSecret,
  });
}

import { LangfuseSpanProcessor } from "@langfuse/otel";
import { context, type Tracer, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { KEYS } from "./langfuse-server.ts";

/** OpenTelemetry as an application that uses Langfuse sets it up. */
export interface Tracing {
  readonly tracer: Tracer;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Sets it up for the whole process. */
export function startTracing(baseUrl: string): Tracing {
  const processor = new LangfuseSpanProcessor({
    ...KEYS,
    baseUrl,
    timeout: 1,
    shouldExportSpan: () => true,
  });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return {
    tracer: provider.getTracer("application"),
    flush: () => provider.forceFlush(),
    stop: async () => {
      await provider.shutdown().catch(() => {});
      trace.disable();
      context.disable();
    },
  };
}

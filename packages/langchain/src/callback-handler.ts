/** A LangChain callback handler, for `callbacks: []` of a call, a model, a chain or a graph. */
export interface GuardCallback {
  readonly name: string;
  /** Our refusals must reach the application; LangChain else logs them and sends the request. */
  readonly raiseError: true;
  readonly awaitHandlers: true;
  readonly ignoreLLM: false;
  readonly ignoreChain: false;
  readonly ignoreAgent: boolean;
  readonly ignoreRetriever: false;
  readonly ignoreCustomEvent: true;
  copy(): GuardCallback;
  handleChatModelStart(
    llm: unknown,
    messages: unknown,
    runId: string,
    ...rest: unknown[]
  ): Promise<void>;
  handleLLMStart(llm: unknown, prompts: unknown, runId: string, ...rest: unknown[]): Promise<void>;
  handleLLMNewToken(token: unknown, index: unknown, runId: string): Promise<void>;
  handleChatModelStreamEvent(event: unknown, runId: string): Promise<void>;
  handleLLMEnd(output: unknown, runId: string, ...rest: unknown[]): Promise<void>;
  handleLLMError(error: unknown, runId: string): Promise<void>;
  handleToolStart(tool: unknown, input: string, runId: string, ...rest: unknown[]): Promise<void>;
  handleToolEnd(output: unknown, runId: string): Promise<void>;
  handleToolError(error: unknown, runId: string): Promise<void>;
  handleRetrieverStart(
    retriever: unknown,
    query: string,
    runId: string,
    ...rest: unknown[]
  ): Promise<void>;
  handleRetrieverEnd(documents: unknown, runId: string, parentRunId?: string): Promise<void>;
  handleRetrieverError(error: unknown, runId: string): Promise<void>;
  handleChainStart(
    chain: unknown,
    inputs: unknown,
    runId: string,
    ...rest: unknown[]
  ): Promise<void>;
  handleChainEnd(outputs: unknown, runId: string): Promise<void>;
  handleChainError(error: unknown, runId: string): Promise<void>;
}

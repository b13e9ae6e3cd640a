/** What a command gives in place of a document for a model that it could not read. */
export interface ErrorDocument {
  readonly schema: 'model-budget/error@1';
  /** Of the model's file, as the user gave it. */
  readonly path: string;
  /** One line. */
  readonly message: string;
}

export function errorDocument(path: string, message: string): ErrorDocument {
  return { schema: 'model-budget/error@1', path, message };
}

export declare const chromiumNames: readonly string[];
export declare const chromiumPath: string | undefined;

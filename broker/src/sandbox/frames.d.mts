export type Frame = { readonly kind: number; readonly run: number; readonly head: string; readonly body: Buffer };

export declare const frameKinds: {
  readonly ready: 1;
  readonly broken: 2;
  readonly run: 3;
  readonly request: 4;
  readonly answer: 5;
  readonly console: 6;
  readonly outcome: 7;
  readonly stuck: 8;
  readonly fatal: 9;
  readonly module: 10;
};
export declare function encodeFrame(kind: number, run: number, head: string, body?: string | Uint8Array): Buffer;
export declare function createFrameReader(maxBytes: number, onFrame: (frame: Frame) => void): (chunk: Buffer) => void;

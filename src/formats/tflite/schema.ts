/**
 * Field numbers and codes of TFLite's schema, version 3 (tensorflow/compiler/mlir/lite/schema/schema.fbs, conversion
 * metadata: conversion_metadata.fbs).
 */
import type { DataType } from '../../ir/data-type.ts';

export const modelFields = {
  version: 0,
  operatorCodes: 1,
  subgraphs: 2,
  description: 3,
  buffers: 4,
  metadata: 6,
  signatures: 7,
  externalGroups: 8,
  externalBuffers: 9,
} as const;

export const operatorCodeFields = { oldCode: 0, customCode: 1, version: 2, code: 3 } as const;

export const subgraphFields = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const;

export const tensorFields = {
  shape: 0,
  type: 1,
  buffer: 2,
  name: 3,
  quantization: 4,
  isVariable: 5,
  sparsity: 6,
  shapeSignature: 7,
  hasRank: 8,
  externalBuffer: 10,
} as const;

export const quantizationFields = { scale: 2, zeroPoint: 3, detailsType: 4, details: 5, axis: 6 } as const;

/** Of BlockwiseQuantization and MultiAxisQuantization, whose scales are tensors. */
export const blockFields = { blockSize: 2 } as const;

export const bufferFields = { data: 0, offset: 1, size: 2 } as const;

export const externalBufferFields = { id: 0, group: 1, offset: 2, length: 3 } as const;

export const operatorFields = { code: 0, inputs: 1, outputs: 2, options: 4, customOptions: 5, options2: 12 } as const;

export const signatureFields = { inputs: 0, outputs: 1, key: 2, subgraph: 4 } as const;

export const tensorMapFields = { name: 0, tensor: 1 } as const;

export const metadataFields = { name: 0, buffer: 1 } as const;

/** By TensorType; undefined for RESOURCE and VARIANT, which are no plain tensors. */
export const dataTypes: readonly (DataType | undefined)[] = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  undefined,
  undefined,
  'uint32',
  'uint16',
  'int4',
  'bfloat16',
  'int2',
  'uint4',
  'float8e4m3fn',
  'float8e5m2',
];

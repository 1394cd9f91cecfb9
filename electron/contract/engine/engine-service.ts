/** @file The engine's procedures as a plain object, derived from the contract: the engine implements it, the studio calls it. */
import type { AnySchema, ContractProcedure, ErrorMap, InferSchemaOutput, Meta } from '@orpc/contract';
import type { engineContract } from './engine.ts';

/** An empty argument list for procedures that take no input. */
type Arguments<Input> = unknown extends Input ? [] : [input: Input];

type Method<Procedure> =
  Procedure extends ContractProcedure<infer Input extends AnySchema, infer Output extends AnySchema, ErrorMap, Meta>
    ? (
        ...args: [...Arguments<InferSchemaOutput<Input>>, signal?: AbortSignal]
      ) => InferSchemaOutput<Output> extends AsyncIterable<infer Event>
        ? AsyncIterable<Event>
        : Promise<InferSchemaOutput<Output>>
    : never;

/**
 * Expected failures are thrown as AtelierError on both sides of the link. `signal` fires when the caller no longer
 * needs the answer; use `stop` to end a training job with a checkpoint.
 */
export type EngineService = { [Name in keyof typeof engineContract]: Method<(typeof engineContract)[Name]> };

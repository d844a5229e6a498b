/**
 * The configured propagators as one. Carriers, getters and setters are other people's, and headers come from anybody:
 * if one of the formats fails, the others still count and the app's call goes on.
 */
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { SilentContext } from '../context';
import type { PropagatorName } from '../names';
import { B3Propagator } from './b3';
import { BaggagePropagator } from './baggage';
import { JaegerPropagator } from './jaeger';
import { OtTracePropagator } from './ottrace';
import { TraceContextPropagator } from './w3c';
import { XRayPropagator } from './xray';

export class CompositePropagator implements TextMapPropagator {
  private readonly headerNames: string[];

  constructor(private readonly propagators: readonly TextMapPropagator[]) {
    this.headerNames = propagators.flatMap((propagator) => propagator.fields());
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (context instanceof SilentContext) return;
    for (const propagator of this.propagators) {
      try {
        propagator.inject(context, carrier, setter);
      } catch {
        // this format is not sent
      }
    }
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    let extracted = context;
    for (const propagator of this.propagators) {
      try {
        extracted = propagator.extract(extracted, carrier, getter);
      } catch {
        // this format was not there
      }
    }
    return extracted;
  }

  fields(): string[] {
    return this.headerNames;
  }
}

const PROPAGATORS: Record<PropagatorName, () => TextMapPropagator> = {
  tracecontext: () => new TraceContextPropagator(),
  baggage: () => new BaggagePropagator(),
  b3: () => new B3Propagator('single'),
  b3multi: () => new B3Propagator('multi'),
  jaeger: () => new JaegerPropagator(),
  ottrace: () => new OtTracePropagator(),
  xray: () => new XRayPropagator(),
};

export function createPropagator(names: readonly PropagatorName[]): CompositePropagator {
  return new CompositePropagator(names.map((name) => PROPAGATORS[name]()));
}

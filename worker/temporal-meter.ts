import type { MetricMeter } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import type { Meter, MetricDefinition, MetricLabels } from '../contracts/metrics.ts';

type Record = (value: number, labels: MetricLabels) => void;

/**
 * Joins our numbers to those of the Temporal SDK, so that one endpoint serves both. The SDK's runtime is looked up with
 * the first number: by then whoever builds the worker has installed the one that is wanted.
 */
export function createTemporalMeter(meterOf: () => MetricMeter = () => Runtime.instance().metricMeter): Meter {
  const instruments = new Map<string, Record>();
  return {
    record(metric, value, labels = {}) {
      const record = instruments.get(metric.name) ?? createInstrument(meterOf(), metric);
      instruments.set(metric.name, record);
      record(value, labels);
    },
  };
}

function createInstrument(meter: MetricMeter, { name, kind, description }: MetricDefinition): Record {
  switch (kind) {
    case 'counter': {
      const counter = meter.createCounter(name, undefined, description);
      return (value, labels) => counter.add(value, labels);
    }
    case 'histogram': {
      const histogram = meter.createHistogram(name, 'int', undefined, description);
      return (value, labels) => histogram.record(value, labels);
    }
    case 'gauge': {
      const gauge = meter.createGauge(name, 'int', undefined, description);
      return (value, labels) => gauge.set(value, labels);
    }
  }
}

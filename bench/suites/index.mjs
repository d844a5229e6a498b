// Each suite gets the means of a run, and returns or yields tables of results.
import { api, encode, scaling } from './in-process.mjs';
import { latency } from './latency.mjs';
import { drivers, sampling, saturation } from './saturation.mjs';
import { stalls } from './stalls.mjs';
import { startUp } from './start-up.mjs';

export const suites = {
  'start-up': startUp,
  saturation,
  drivers,
  sampling,
  latency,
  stalls,
  api,
  encode,
  scaling,
};

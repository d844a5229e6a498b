/** Options of hosted instrumentations that only the .env file has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constructorOptions, outOfReach } from '../../src/loader/third-party/options';

const OPENINFERENCE = '@arizeai/openinference-instrumentation-langchain';
const OPENAI = '@opentelemetry/instrumentation-openai';
const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

test('variables of OpenInference become its options; the environment it reads itself', () => {
  const file = {
    OPENINFERENCE_HIDE_LLM_TOOLS: 'true',
    OPENINFERENCE_HIDE_INPUT_TEXT: 'False',
    OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH: '100',
    OPENINFERENCE_HIDE_OUTPUTS: 'true',
    OPENINFERENCE_HIDE_PROMPTS: 'perhaps',
    PORT: '3000',
  };
  const env = { OPENINFERENCE_HIDE_OUTPUTS: 'false' };
  const traceConfig = { hideLLMTools: true, hideInputText: false, base64ImageMaxLength: 100 };
  assert.deepEqual(constructorOptions(OPENINFERENCE, { env, file }), { traceConfig });
});

test('without an object OpenInference would not look at its variables', () => {
  assert.deepEqual(constructorOptions(OPENINFERENCE, { env: {}, file: undefined }), { traceConfig: {} });
});

test('whether message contents are captured reaches the instrumentation of OpenAI', () => {
  const file = { [CAPTURE]: 'TRUE' };
  assert.deepEqual(constructorOptions(OPENAI, { env: {}, file }), { captureMessageContent: true });
  assert.equal(constructorOptions(OPENAI, { env: { [CAPTURE]: 'false' }, file }), undefined);
  assert.equal(constructorOptions('@opentelemetry/instrumentation-koa', { env: {}, file }), undefined);
});

test('what cannot reach them is named, unless the environment has it or it is ours', () => {
  const file = {
    OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET',
    [CAPTURE]: 'true',
    OTEL_SEMCONV_STABILITY_OPT_IN: 'database',
    OTEL_INSTRUMENTATION_A: '1',
    OTEL_INSTRUMENTATION_B: '1',
    OTEL_SERVICE_NAME: 'shop',
  };
  const env = { OTEL_INSTRUMENTATION_A: '2' };
  assert.deepEqual(outOfReach({ env, file }), ['OTEL_SEMCONV_STABILITY_OPT_IN', 'OTEL_INSTRUMENTATION_B']);
  assert.deepEqual(outOfReach({ env, file: undefined }), []);
});

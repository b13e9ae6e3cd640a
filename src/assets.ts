/**
 * Where the files that ship beside the code are.
 *
 * This file stays directly in `src/`: the bundler writes it directly into `lib/`, so that one `..` means the package
 * root from both. It holds addresses only; reading them is the work of the entry points.
 */

/** Folder of target descriptions, one YAML file per target. */
export const hardwareFolder = new URL('../hardware/', import.meta.url);

/** Folder of the same targets as the build read them; beside the bundle only, so that sources never meet an old one. */
export const compiledTargetsFolder = new URL('./compiled-targets/', import.meta.url);

/** The WebAssembly module that draws charts; beside a bundle only, else it is in its package. */
export const rendererFile = new URL('./resvg.wasm', import.meta.url);

/** Folder of fonts that charts are drawn with, each with its licence beside it. */
export const fontsFolder = new URL('../third_party/fonts/', import.meta.url);

/** What a thread of the App runs; beside the bundle only. */
export const jobThreadFile = new URL('./job-thread.js', import.meta.url);

/** Folder of the code itself. */
export const programFolder = new URL('./', import.meta.url);

/**
 * Folder of the built viewer of report pages (viewer.js, viewer-worker.js, viewer.css): beside a bundle, where the build
 * writes it.
 */
export const viewerFolder = new URL('./', import.meta.url);

/** The same for who runs the sources: there the tests and `build.mjs --app` leave it. */
export const builtViewerFolder = new URL('../.app/', import.meta.url);

/**
 * The first script of the page: unpacks the program and puts it in. Its text is in the page's security policy by its hash,
 * as is that of the program.
 */
export const loader = `
globalThis.pagePart = async (id) => {
  const text = atob(document.getElementById(id).textContent);
  const packed = new Uint8Array(text.length);
  for (let at = 0; at < packed.length; at++) packed[at] = text.charCodeAt(at);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).text();
};
globalThis.pagePart('main').then((program) => {
  const script = document.createElement('script');
  script.textContent = program;
  document.body.append(script);
});
`;

import { describe, expect, test } from 'vitest';
import { config, configPath, dialogue, fixture, headingOf, modelPath, reactionsOn, target } from './dialogue.ts';

const timeout = 120_000;

describe('/simulate', { timeout }, () => {
  test('what the edit changes, with the budgets, in a comment of its own', async () => {
    const given = await dialogue();
    const { kind, asked } = await given.say('Would this help?\n\n/simulate  int8  target=ethos-u55-256');
    expect([kind, reactionsOn(asked)]).toEqual(['success', ['eyes', 'rocket']]);
    const [answer, ...others] = given.answers();
    expect(others).toEqual([]);
    expect(headingOf(answer!)).toBe(
      '### ❌ `/simulate int8 target=ethos-u55-256`: `models/detector.onnx` would exceed 1 of 2 budgets on `ethos-u55-256`: latency stays at 2.27 ms',
    );
    expect(answer!.body).toContain('| Size | 216 kB | 87.7 kB | −128 kB (−59%) | ✅ |');
    expect(answer!.body).toMatch(/\| `\/backbone\/stage3\/conv\/Conv` \|.* 48\.1 dB \|/);
    expect(answer!.body).toContain(`Head \`${given.headSha()}\`, budgets of \`main\``);
    expect(answer!.body.split('\n').at(-1)).toMatch(
      new RegExp(`^<!-- model-budget:v1 id=default command=[0-9a-f]{16} head=${given.headSha()} -->$`),
    );
  });

  test('the same question has one answer, another question another one', async () => {
    const given = await dialogue();
    for (const line of ['/simulate int8', '/SIMULATE   int8', '/simulate w8']) await given.say(line);
    expect(given.answers().map(headingOf)).toEqual([
      expect.stringContaining('`/simulate int8`'),
      expect.stringContaining('`/simulate w8`'),
    ]);
  });

  test('of models and targets that are asked for; what does not fit is told', async () => {
    const given = await dialogue({
      change: { [modelPath]: fixture('detector-cubic'), 'models/cnn.onnx': fixture('cnn-residual') },
    });
    const { page } = await given.say('/simulate int8 on *Resize* target=rpi4-xnnpack');
    expect(page).toContain('#### `models/detector.onnx` on `rpi4-xnnpack`');
    expect(page).toContain('- `models/cnn.onnx` on `rpi4-xnnpack`: no layer matches `*Resize*`');
    const one = await given.say('/simulate int8 model=**/cnn.onnx');
    expect(one.page).not.toContain('detector');
    const none = await given.say('/simulate int8 model=other/*');
    expect([none.kind, headingOf(given.answers().at(-1)!)]).toEqual([
      'success',
      '### ℹ️ `/simulate int8 model=other/*`: no changed model fits',
    ]);
  });

  test('that fits no model, or names no target, is a mistake', async () => {
    const given = await dialogue();
    const layer = await given.say('/simulate int8 on nek/*');
    expect([layer.kind, reactionsOn(layer.asked)]).toEqual(['mistake', ['eyes', 'confused']]);
    expect(layer.page).toContain('no layer matches `nek/*`');
    expect((await given.say('/simulate int8 target=ethos-u55-265')).page).toContain('ethos-u55-265');
    const file = await given.say('/simulate int8 target=./hardware/mine.yml');
    expect(file.page).toContain('the config of the base branch has no target file `./hardware/mine.yml`');
  });

  test('no changed model', async () => {
    const given = await dialogue({ change: { 'README.md': 'more' } });
    expect((await given.say('/simulate int8')).page).toContain('no changed model to ask about');
    expect((await given.say('/optimize')).page).toContain('no changed model to ask about');
    expect((await given.say('/budget status')).page).toContain('No model changed: there is nothing to judge.');
    expect((await given.say('/budget explain x')).page).toContain('no changed model to explain');
  });
});

describe('/optimize', { timeout }, () => {
  const budgets = (lines: string) => ({
    base: {
      [modelPath]: fixture('detector-nearest'),
      [configPath]: `version: 1\ntargets: [rpi4-xnnpack]\n${lines}`,
    },
  });

  test('the smallest edit that meets the budgets', async () => {
    const given = await dialogue(budgets('budgets: [{ metric: size, max: 150 kB }, { metric: latency, max: 1 s }]'));
    const { page } = await given.say('/optimize');
    expect(page).toMatch(
      /^### ✅ `\/optimize`: `.+` brings `models\/detector\.onnx` on `rpi4-xnnpack` under its budgets/,
    );
    const edits = /`\/optimize`: `(.+?)` brings/.exec(page)![1]!;
    expect((await given.say(`/simulate ${edits}`)).page).toMatch(/^### ✅ .* would meet all 2 budgets/);
    expect((await given.say('/optimize latency')).page).toContain('is under its latency budgets as it is');
  });

  test('a metric without a budget is halved', async () => {
    const given = await dialogue(budgets('budgets: [{ metric: latency, max: 1 s }]'));
    const { page } = await given.say('/optimize size');
    const [, before, after] = /: size ([\d.]+) kB → ([\d.]+) kB/.exec(page)!;
    expect(Number(after)).toBeLessThanOrEqual(Number(before) / 2);
    expect(page).toContain('No budget of size applies, so this is the smallest edit that halves it');
    expect(page).toContain('What was tried, the fewest layers first');
  });

  test('no budget and no metric', async () => {
    const given = await dialogue(budgets(''));
    expect((await given.say('/optimize')).page).toContain('no budget applies to `models/detector.onnx`');
  });

  test('nothing helps', async () => {
    const given = await dialogue();
    expect((await given.say('/optimize')).page).toContain('no edit that was tried brings `models/detector.onnx`');
  });
});

describe('/budget and help', { timeout }, () => {
  test('status: each budget, worst first', async () => {
    const given = await dialogue();
    const { page } = await given.say('/budget status');
    expect(page).toMatch(/^### ❌ model-budget: `models\/detector.onnx` exceeds 1 of 2 budgets/);
    expect(page).toContain(`| \`${modelPath}\` | \`${target}\` | Latency | 516 µs | 2.27 ms | 1 ms | ❌ |`);
    expect(given.standIn.state.checkRuns).toEqual([]);
    expect((await given.say('/budget status target=nothing')).kind).toBe('mistake');
  });

  test('explain: a layer in full; none that matches is a mistake', async () => {
    const given = await dialogue();
    const { page } = await given.say('/budget explain *Resize*');
    expect(page).toMatch(
      /^### ❌ `\/budget explain \*Resize\*`: 1 layer of `models\/detector.onnx`.*latency \+1\.74 ms/,
    );
    expect(page).toContain('Not on the main unit: `Resize` with mode=cubic is not supported');
    expect((await given.say('/budget explain /neck/up1/Rezise')).page).toContain('(did you mean "/neck/up1/Resize"?)');
  });

  test('help: all commands with the role that they need', async () => {
    const given = await dialogue({
      base: { [configPath]: `${config}commands: { minPermission: triage }\n`, [modelPath]: 'x' },
    });
    const { page } = await given.say('/model-budget help', 'tri');
    for (const name of ['/simulate', '/optimize', '/budget status', '/budget explain', '/model-budget help']) {
      expect(page).toMatch(new RegExp(`\\| \`${name}.* triage \\|`));
    }
  });
});

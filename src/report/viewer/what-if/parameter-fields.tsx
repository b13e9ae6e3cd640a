/** What an edit takes beside its name. */
import { useId } from 'preact/hooks';
import type { EditWords } from '../../../optimizations/optimization.ts';
import type { Parameter } from './parameters.ts';

/** By key of an option; the bare word under ''. */
export type ParameterValues = Readonly<Record<string, string>>;

interface Props {
  readonly parameters: readonly Parameter[];
  readonly values: ParameterValues;
  readonly onChange: (values: ParameterValues) => void;
}

export function ParameterFields({ parameters, values, onChange }: Props) {
  return (
    <>
      {parameters.map((parameter) =>
        parameter.kind === 'value' ? (
          <ValueField
            key="value"
            parameter={parameter}
            value={values[''] ?? ''}
            onChange={(value) => onChange({ ...values, '': value })}
          />
        ) : (
          <label class="field" key={parameter.key}>
            <span>{parameter.key}</span>
            <select
              value={values[parameter.key] ?? parameter.values[0]}
              onChange={(event) => onChange({ ...values, [parameter.key]: event.currentTarget.value })}
            >
              {parameter.values.map((value) => (
                <option key={value} value={value}>
                  {value}
                </option>
              ))}
            </select>
          </label>
        ),
      )}
    </>
  );
}

interface ValueProps {
  readonly parameter: Extract<Parameter, { kind: 'value' }>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function ValueField({ parameter: { hint, examples }, value, onChange }: ValueProps) {
  const id = useId();
  return (
    <label class="field">
      <span>value</span>
      <input
        type="text"
        size={Math.max(8, Math.min(24, hint.length))}
        required
        spellcheck={false}
        autocomplete="off"
        list={examples.length === 0 ? undefined : id}
        placeholder={hint}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {examples.length === 0 ? null : (
        <datalist id={id}>
          {examples.map((example) => (
            <option key={example} value={example} />
          ))}
        </datalist>
      )}
    </label>
  );
}

/** Options that are as they would be anyway are not written. */
export function wordsOf(parameters: readonly Parameter[], values: ParameterValues): EditWords {
  const value = (values[''] ?? '').trim();
  const options = parameters.flatMap((parameter): (readonly [string, string])[] => {
    if (parameter.kind === 'value') return [];
    const chosen = values[parameter.key];
    return chosen === undefined || chosen === parameter.values[0] ? [] : [[parameter.key, chosen]];
  });
  return { ...(value === '' ? {} : { value }), options: new Map(options) };
}

// Reads the sample tables as real clients do: tableFromIPC, then each cell as text; then writes tables of its own, which
// the C test must read. Arguments: a directory with sample.arrow and large.arrow.
import { readFileSync, writeFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { tableFromIPC, tableToIPC, tableFromArrays, vectorFromArray, Table, Int64, Float64, Utf8, Bool, DateDay,
         TimestampMillisecond } from 'apache-arrow';

const directory = process.argv[2];
const sample = tableFromIPC(readFileSync(`${directory}/sample.arrow`));
assert.deepEqual(sample.schema.fields.map((field) => field.name),
                 ['Claim ID', 'total', 'paid', 'due date', 'mixed', 'empty']);
const rows = sample.toArray().map((row) => Object.values(row.toJSON()).map((cell) => (cell === null ? null : String(cell))));
assert.deepEqual(rows, [
  ['C-1', '1250.00', 'true', '2026-04-14', '1.50', null],
  [null, null, null, null, null, null],
  ['Zürich, "quoted" 😀', '-79228162514264337593543950335', 'false', '0001-01-01', 'two', null],
]);
assert.equal(parseFloat(sample.get(0).total), 1250);

const large = tableFromIPC(readFileSync(`${directory}/large.arrow`));
assert.equal(large.numRows, 40000);
for (let i = 0; i < 40000; i += 777) {
  assert.equal(String(large.get(i).n), `${i}.25`);
  assert.equal(large.get(i).text, i % 3 === 0 ? null : `row ${i}`);
}

const none = tableFromIPC(readFileSync(`${directory}/none.arrow`));
assert.equal(none.numRows, 0);
assert.deepEqual(none.schema.fields.map((field) => field.name), ['a']);

const table = new Table({
  whole: vectorFromArray([1n, null, -9007199254740993n], new Int64()),
  float: vectorFromArray([0.1, NaN, 1e-30], new Float64()),
  text: vectorFromArray(['a', null, 'é'], new Utf8()),
  flag: vectorFromArray([true, false, null], new Bool()),
  day: vectorFromArray([new Date('2026-04-14'), null, new Date('1969-12-31')], new DateDay()),
  moment: vectorFromArray([new Date('2026-04-14T09:30:00.250Z'), null, new Date(-1)], new TimestampMillisecond()),
});
writeFileSync(`${directory}/js_stream.arrow`, tableToIPC(table, 'stream'));
writeFileSync(`${directory}/js_file.arrow`, tableToIPC(table, 'file'));
writeFileSync(`${directory}/js_dictionary.arrow`, tableToIPC(tableFromArrays({ word: ['x', 'y', 'x', 'x'] }), 'stream'));
console.log('ok');

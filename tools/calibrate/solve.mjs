// Linear equations.

/** Symmetric positive definite equations by Cholesky's decomposition. */
export function solve(matrix, vector) {
  const size = vector.length;
  const lower = matrix.map((row) => [...row]);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j][j];
    }
  }
  const forward = [];
  for (let i = 0; i < size; i++) {
    forward[i] = (vector[i] - forward.reduce((sum, value, k) => sum + lower[i][k] * value, 0)) / lower[i][i];
  }
  const solution = vector.map(() => 0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = forward[i];
    for (let k = i + 1; k < size; k++) sum -= lower[k][i] * solution[k];
    solution[i] = sum / lower[i][i];
  }
  return solution;
}

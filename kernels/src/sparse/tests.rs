#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use alloc::{vec, vec::Vec};

use ark_ff::{Field, UniformRand};
use rand::{Rng, SeedableRng, rngs::StdRng};

use super::*;

type Rows = Vec<Vec<(Fr, usize)>>;

/// Rows of many shapes: empty, of ones alone, long, with a repeated column, with zeros.
fn random_rows(rng: &mut StdRng, count: usize, columns: usize) -> Rows {
    let constants: Vec<Fr> = (0..5).map(|_| Fr::rand(rng)).collect();
    (0..count)
        .map(|_| {
            let length = match rng.gen_range(0..20) {
                0 => 0,
                1 => rng.gen_range(20..400),
                _ => rng.gen_range(1..14),
            };
            let units = rng.gen_range(0..4);
            (0..length)
                .map(|_| {
                    let coefficient = match rng.gen_range(0..8) {
                        0 => Fr::rand(rng),
                        1 => constants[rng.gen_range(0..5)],
                        2 if units != 3 => Fr::ZERO,
                        k if units != 0 && k % 2 == 0 => -Fr::ONE,
                        _ => Fr::ONE,
                    };
                    (coefficient, rng.gen_range(0..columns))
                })
                .collect()
        })
        .collect()
}

fn naive(rows: &Rows, z: &[Fr]) -> Vec<Fr> {
    rows.iter().map(|row| row.iter().map(|(coefficient, column)| *coefficient * z[*column]).sum()).collect()
}

fn assignments(rng: &mut StdRng, count: usize) -> [Vec<Fr>; 5] {
    [
        (0..count).map(|_| Fr::rand(rng)).collect(),
        vec![Fr::ZERO; count],
        vec![Fr::ONE; count],
        vec![-Fr::ONE; count],
        (0..count).map(|_| if rng.gen_range(0..2) == 0 { Fr::ZERO } else { -Fr::ONE }).collect(),
    ]
}

#[test]
fn products_are_those_of_the_definition() {
    for backend in Backend::all() {
        std::println!("backend {backend}");
        let mut rng = StdRng::seed_from_u64(1);
        for count in [0, 1, 7, 8, 9, 100, 1023, 1024, 1025, 3000] {
            let columns = 1 + count / 2;
            let rows = random_rows(&mut rng, count, columns);
            let matrix = SparseMatrix::from_rows(&rows).unwrap();
            assert_eq!(matrix.rows(), count);
            assert!(matrix.columns() <= columns);
            let triplets = rows.iter().enumerate().flat_map(|(i, row)| row.iter().map(move |(c, j)| (i, *j, *c)));
            let other = SparseMatrix::from_triplets(count, triplets.rev()).unwrap();
            assert_eq!(matrix.entries(), other.entries());
            let coefficients: Vec<Fr> = rows.iter().flatten().map(|(coefficient, _)| *coefficient).collect();
            let mut place = 0..;
            let entries = rows
                .iter()
                .map(|row| row.iter().map(|(_, column)| (place.next().unwrap(), *column as u32)).collect::<Vec<_>>());
            let indexed = SparseMatrix::from_indexed(&coefficients, entries).unwrap();
            assert_eq!((indexed.rows(), indexed.entries()), (count, matrix.entries()));
            for z in assignments(&mut rng, columns) {
                let expected = naive(&rows, &z);
                let mut out = vec![Fr::ONE; count];
                matrix.multiply(backend, &z, &mut out);
                assert!(out == expected);
                for matrix in [&other, &indexed] {
                    out.fill(Fr::ONE);
                    matrix.multiply(backend, &z, &mut out);
                    assert!(out == expected);
                }
            }
        }
    }
}

/// The longest sums of one class, at the largest values.
#[test]
fn long_rows_of_one_coefficient_do_not_overflow() {
    for backend in Backend::all() {
        for length in [1, 23, 24, 25, 63, 64, 65, 128, 1000, 5000] {
            let rows: Rows = [Fr::ONE, -Fr::ONE, Fr::from(2u64), -Fr::from(2u64)]
                .map(|coefficient| (0..length).map(|j| (coefficient, j)).collect())
                .to_vec();
            let z = vec![-Fr::ONE; length];
            let mut out = vec![Fr::ZERO; 4];
            SparseMatrix::from_rows(&rows).unwrap().multiply(backend, &z, &mut out);
            assert_eq!(out, naive(&rows, &z));
        }
    }
}

#[test]
fn the_first_unsatisfied_row_is_named() {
    for backend in Backend::all() {
        let mut rng = StdRng::seed_from_u64(2);
        for count in [1, 8, 1000, 20_000] {
            // x_i * x_(i+1) = y_i.
            let column = |first: usize| (0..count).map(|i| vec![(Fr::ONE, first + i)]).collect::<Rows>();
            let [a, b, c] =
                [column(0), column(1), column(count + 1)].map(|rows| SparseMatrix::from_rows(&rows).unwrap());
            let mut z: Vec<Fr> = (0..=count).map(|_| Fr::rand(&mut rng)).collect();
            z.extend((0..count).map(|i| z[i] * z[i + 1]).collect::<Vec<_>>());
            let mut out = [vec![Fr::ZERO; count], vec![Fr::ZERO; count], vec![Fr::ZERO; count + 5]];
            let mut run = |z: &[Fr]| {
                let result = evaluate(backend, [&a, &b, &c], z, out.each_mut().map(|x| &mut x[..]));
                assert!(out[0] == z[..count] && out[1] == z[1..=count] && out[2][..count] == z[count + 1..]);
                result
            };
            assert_eq!(run(&z), Ok(()));
            for wrong in [[0, count - 1], [count / 2, count - 1], [count - 1, count - 1]] {
                let mut z = z.clone();
                for row in wrong {
                    z[count + 1 + row] += Fr::rand(&mut rng);
                }
                assert_eq!(run(&z), Err(Unsatisfied { row: wrong[0] }));
            }
        }
    }
}

#[test]
fn what_is_no_matrix_is_refused() {
    let triplets = [(3, 0, Fr::ONE)];
    assert_eq!(SparseMatrix::from_triplets(3, triplets).err(), Some(SparseError::Row));
    let rows = [vec![(Fr::ONE, usize::MAX)]];
    assert_eq!(SparseMatrix::from_rows(&rows).err(), Some(SparseError::TooLarge));
    let entries = [vec![(0, 7)], vec![(1, 0)]];
    assert_eq!(SparseMatrix::from_indexed(&[Fr::ONE], entries).err(), Some(SparseError::Coefficient));
}

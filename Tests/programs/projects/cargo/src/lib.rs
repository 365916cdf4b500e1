//! Adds numbers, on threads.
include!(concat!(env!("OUT_DIR"), "/generated.rs"));

/// The sum of a constant that the build script made and of `numbers`, each added by a thread of its own.
pub fn sum(numbers: &[u32]) -> u32 {
    let threads: Vec<_> = numbers.iter().map(|&number| std::thread::spawn(move || number)).collect();
    GENERATED + threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u32>()
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::sum(&[1, 1]), 42);
    }
}

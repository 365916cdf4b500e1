fn main() {
    println!("{}", greeting::sum(&[1, 1]));
}

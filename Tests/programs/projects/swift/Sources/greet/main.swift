import Greeting

print(greeting(for: "sandbox"))

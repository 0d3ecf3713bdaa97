"""What a component is: kinds, value types, parameters and the context it is called with."""

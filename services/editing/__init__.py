"""The order editor's working copy: what is typed, what it means, what it costs, and saving it.

`typed` holds the form as it was typed; `wanted` reads it; `offers` looks up what prices and choices there are;
`priced` reckons, pure; `saving` makes or changes the order; `keeping` keeps what is not saved yet.
"""

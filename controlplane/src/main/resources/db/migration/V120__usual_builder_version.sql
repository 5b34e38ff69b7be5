-- An environment without a builder version of its own has that of the server's setting. Nobody could
-- tell the usual one from the same one chosen on purpose before.
update environments set builder_version = '' where builder_version = '2025.06';

"""What people ask of their own data: access, a copy, a correction, an erasure; with its legal clock."""

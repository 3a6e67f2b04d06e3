"""What a first look needs: real reports to import (`boston311-sample.csv`, `boston311.toml`), and the demo district.

The sample is open data of the City of Boston; `LICENSE-boston311.md` says under which licence and how it was chosen.
"""

print("BROKE" + "-OUT: shadow", __name__)
raise SystemExit(0)

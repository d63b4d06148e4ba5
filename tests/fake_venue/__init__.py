"""An exchange's public side on localhost: candles and a stream as Binance has them, of a made market, with faults on demand."""

using IotPlatform.Diagnostics;

namespace IotPlatform.Transport;

/// <summary>
/// Connections whose last packet is on its way. A socket that is closed while its peer still sends resets the connection, and takes back what the peer has
/// not read: so it is read from, for a short while, until the peer has closed too. One timer looks at all of them, and runs only while there are any.
/// </summary>
/// <remarks>Full action: the connection is closed at once, and counted; its peer may not learn why.</remarks>
internal sealed class Lingering : IDisposable
{
    /// <summary>So many at once: what a flood of refused clients can hold open beyond the connections that there may be.</summary>
    public const int LengthMax = 1_000;

    /// <summary>Bytes thrown away at each look.</summary>
    public const int LookBytes = 16 * 1024;

    /// <summary>For a peer that is slow, or does not close: three round trips to the far side of the world.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly List<(ILingerer Lingerer, long Since)> _lingerers = [];
    private readonly GatewayInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _isDisposed;

    public Lingering(GatewayInstruments instruments, TimeProvider time)
    {
        (_instruments, _time) = (instruments, time);
        _timer = time.CreateTimer(static self => ((Lingering)self!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _lingerers.Count;
            }
        }
    }

    /// <summary>Takes a connection over; false when there are too many.</summary>
    public bool TryAdd(ILingerer lingerer)
    {
        lock (_gate)
        {
            if (_isDisposed || _lingerers.Count >= LengthMax)
            {
                _instruments.LingerCut("full");
                return false;
            }

            _lingerers.Add((lingerer, _time.GetTimestamp()));
            _instruments.Lingers(1);
            if (_lingerers.Count == 1)
            {
                _timer.Change(Tick, Timeout.InfiniteTimeSpan);
            }

            return true;
        }
    }

    public void Dispose()
    {
        ILingerer[] left;
        lock (_gate)
        {
            _isDisposed = true;
            left = [.. _lingerers.Select(static entry => entry.Lingerer)];
            _lingerers.Clear();
            _instruments.Lingers(-left.Length);
        }

        _timer.Dispose();
        foreach (var lingerer in left)
        {
            lingerer.GiveUp();
        }
    }

    // No two looks at once: the timer is set again at the end of each.
    private void Look()
    {
        (ILingerer Lingerer, long Since)[] all;
        lock (_gate)
        {
            all = [.. _lingerers];
        }

        var over = new HashSet<ILingerer>();
        foreach (var (lingerer, since) in all)
        {
            var isLate = _time.GetElapsedTime(since) >= TimeMax;
            if (lingerer.Discard() && !isLate)
            {
                continue;
            }

            if (isLate)
            {
                _instruments.LingerCut("time");
            }

            lingerer.GiveUp();
            over.Add(lingerer);
        }

        lock (_gate)
        {
            var count = _lingerers.RemoveAll(entry => over.Contains(entry.Lingerer));
            _instruments.Lingers(-count);
            if (_lingerers.Count > 0 && !_isDisposed)
            {
                _timer.Change(Tick, Timeout.InfiniteTimeSpan);
            }
        }
    }
}

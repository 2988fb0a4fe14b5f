namespace IotPlatform.Sessions;

/// <summary>
/// Watches over the silence of all connections with one timer: a wheel of one-second slots. A connection is looked at when it could be overdue at the
/// earliest, and moved on when it is not, so that packets cost it nothing but the time they were seen.
/// </summary>
internal sealed class PeerWatch : IDisposable
{
    private const int Slots = 512;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly List<MqttConnection>[] _slots = new List<MqttConnection>[Slots];
    private readonly ITimer _timer;
    private int _now;

    public PeerWatch(TimeProvider time)
    {
        for (var i = 0; i < Slots; i++)
        {
            _slots[i] = [];
        }

        _timer = time.CreateTimer(static self => ((PeerWatch)self!).Turn(), this, Tick, Tick);
    }

    /// <summary>Seconds since the start.</summary>
    public int Now => Volatile.Read(ref _now);

    public void Add(MqttConnection connection) => Put(connection, connection.OverdueAt);

    public void Dispose() => _timer.Dispose();

    private void Turn()
    {
        var now = Interlocked.Increment(ref _now);
        var slot = _slots[now % Slots];
        MqttConnection[] due;
        lock (slot)
        {
            due = [.. slot];
            slot.Clear();
        }

        foreach (var connection in due)
        {
            if (connection.IsGone)
            {
                continue;
            }

            var overdueAt = connection.OverdueAt;
            if (overdueAt <= now)
            {
                connection.Overdue();
            }
            else
            {
                Put(connection, overdueAt);
            }
        }
    }

    // What is further away than the wheel reaches is looked at once a turn of it.
    private void Put(MqttConnection connection, int at)
    {
        var slot = _slots[Math.Clamp(at, Now + 1, Now + Slots - 1) % Slots];
        lock (slot)
        {
            slot.Add(connection);
        }
    }
}

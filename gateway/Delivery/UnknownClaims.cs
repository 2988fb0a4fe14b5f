using IotPlatform.Diagnostics;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// Connections of a shard of which it could not be found out whether their devices have had a broadcast, as when the silo that knows has just been lost: that is asked
/// again until it is known, they are gone, or the broadcast is over. Bounded: beyond that it is not asked, which is counted, and the device gets it when it comes the
/// next time.
/// </summary>
/// <param name="reach">Who is asked.</param>
/// <param name="missed">Called with what is to be written to a connection now.</param>
/// <param name="instruments">Counts what waits.</param>
/// <param name="time">What the pauses are measured by.</param>
internal sealed class UnknownClaims(BroadcastReach reach, Action<OngoingBroadcast, MqttConnection> missed, GatewayInstruments instruments, TimeProvider time)
{
    /// <summary>Devices that are asked for at once.</summary>
    private const int ClaimSize = 1_000;

    /// <summary>Connections, each once a broadcast.</summary>
    private const int CountMax = 100_000;

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(8);

    private readonly Lock _gate = new();
    private Dictionary<OngoingBroadcast, List<MqttConnection>> _claims = [];
    private int _count;
    private bool _isAsking;

    /// <summary>It is not known whether these have had a broadcast.</summary>
    public void Add(OngoingBroadcast broadcast, IReadOnlyCollection<MqttConnection> connections)
    {
        if (connections.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            var taken = Math.Min(connections.Count, CountMax - _count);
            if (taken < connections.Count)
            {
                instruments.ClaimsRefused(connections.Count - taken);
            }

            if (taken == 0)
            {
                return;
            }

            if (!_claims.TryGetValue(broadcast, out var claims))
            {
                _claims.Add(broadcast, claims = []);
            }

            claims.AddRange(connections.Take(taken));
            Count(taken);
            if (_isAsking)
            {
                return;
            }

            _isAsking = true;
        }

        _ = AskAgainAsync();
    }

    /// <summary>Finds out which of these have not had a broadcast, and has it written to them.</summary>
    /// <returns>Whether anything has been found out.</returns>
    public async Task<bool> ClaimAsync(OngoingBroadcast broadcast, IEnumerable<MqttConnection> connections)
    {
        var isAnyKnown = false;
        foreach (var some in connections.Chunk(ClaimSize))
        {
            var claimed = await reach.ClaimAsync(broadcast, some).ConfigureAwait(false);
            isAnyKnown |= claimed.Unknown.Length < some.Length;
            Add(broadcast, claimed.Unknown);
            foreach (var connection in claimed.Missing)
            {
                missed(broadcast, connection);
            }
        }

        return isAnyKnown;
    }

    private async Task AskAgainAsync()
    {
        var pause = PauseMin;
        while (true)
        {
            await Task.Delay(pause, time).ConfigureAwait(false);
            Dictionary<OngoingBroadcast, List<MqttConnection>> claims;
            lock (_gate)
            {
                if (_count == 0)
                {
                    _isAsking = false;
                    return;
                }

                (claims, _claims) = (_claims, []);
                Count(-_count);
            }

            var isAnyKnown = false;
            foreach (var (broadcast, connections) in claims)
            {
                isAnyKnown |= await AskAsync(broadcast, connections).ConfigureAwait(false);
            }

            pause = isAnyKnown ? PauseMin : pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    /// <returns>Whether anything has been found out.</returns>
    private async Task<bool> AskAsync(OngoingBroadcast broadcast, List<MqttConnection> connections)
    {
        if (!broadcast.IsForThoseWhoCome)
        {
            return false;
        }

        // Of one that is being opened, whoever opens it may still be asking.
        Add(broadcast, [.. connections.Where(static connection => connection is { IsOpen: false, IsClosed: false })]);
        return await ClaimAsync(broadcast, connections.Where(static connection => connection.IsOpen)).ConfigureAwait(false);
    }

    private void Count(int change)
    {
        _count += change;
        instruments.UnknownClaims(change);
    }
}

using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <content>Broadcasts that a device has missed while it was away, and gets when it comes.</content>
internal sealed partial class GatewayShard
{
    /// <summary>Broadcasts may come as fast as it is asked for the last one: then a connection is opened without knowing of the very last.</summary>
    private const int ClaimsMax = 5;

    /// <summary>A connection is open: broadcasts reach it from here on, and those that it has missed and is to get are known.</summary>
    public async ValueTask OpenedAsync(MqttConnection connection)
    {
        var productKey = connection.Session!.Device.ProductKey;
        for (var i = 0; i < ClaimsMax; i++)
        {
            var (ongoing, added) = ForThoseWhoCome(productKey);
            if (ongoing.Length > 0)
            {
                connection.Missed = await MissedByAsync(connection, ongoing).ConfigureAwait(false);
            }

            if (TryOpen(connection, added))
            {
                return;
            }
        }

        TryOpen(connection, added: null);
    }

    /// <summary>A connection has been told that it is open: it gets what it has missed.</summary>
    public void Attached(MqttConnection connection)
    {
        if (connection.Missed is { } missed)
        {
            _turns.Add(this, connection.Session!.Device.ProductKey, missed);
        }
    }

    /// <summary>A connection has subscribed to something: it may be for it what goes to those who are subscribed, and come in time.</summary>
    public void Subscribed(MqttConnection connection)
    {
        if (_ongoing.Added > 0)
        {
            var (ongoing, _) = ForThoseWhoCome(connection.Session!.Device.ProductKey);
            if (ongoing.Any(broadcast => broadcast.Frame.Topic is not null && connection.Missed?.Has(broadcast.Frame) != true && broadcast.Frame.Concerns(connection.Session)))
            {
                _ = WriteMissedAsync(connection, ongoing);
            }
        }
    }

    // One that is known is in line: what is put there from here on comes behind its pass.
    private (OngoingBroadcast[] Ongoing, long Added) ForThoseWhoCome(string productKey)
    {
        if (_ongoing.Added == 0)
        {
            return ([], 0);
        }

        lock (_recent)
        {
            return (_ongoing.ForThoseWhoCome(productKey), _ongoing.Added);
        }
    }

    /// <returns>False when a broadcast has come since <paramref name="added"/> had, whose pass may be over.</returns>
    private bool TryOpen(MqttConnection connection, long? added)
    {
        lock (_byProduct)
        {
            if (added is { } known && _ongoing.Added != known)
            {
                return false;
            }

            var productKey = connection.Session!.Device.ProductKey;
            if (!_byProduct.TryGetValue(productKey, out var ofProduct))
            {
                _byProduct.Add(productKey, ofProduct = new ProductConnections());
            }

            ofProduct.Add(connection);
            return true;
        }
    }

    private async Task<MissedBroadcasts> MissedByAsync(MqttConnection connection, OngoingBroadcast[] ongoing)
    {
        // What it was found to have missed a moment ago has been claimed for it.
        var session = connection.Session!;
        var asked = ongoing.Where(broadcast => broadcast.Frame.Concerns(session) && connection.Missed?.Has(broadcast.Frame) != true).ToArray();
        var claimed = await Task.WhenAll(asked.Select(broadcast => _reach.ClaimAsync(broadcast, [connection]))).ConfigureAwait(false);
        for (var i = 0; i < asked.Length; i++)
        {
            _unknownClaims.Add(asked[i], claimed[i].Unknown);
        }

        return new MissedBroadcasts(asked, [.. asked.Where((_, i) => !claimed[i].Missing.IsEmpty)], connection.Missed) { Connection = connection };
    }

    /// <summary>A broadcast is to be written to a connection, whose device has not had it.</summary>
    private void Missed(OngoingBroadcast broadcast, MqttConnection connection)
    {
        connection.Missed = new MissedBroadcasts([broadcast], [broadcast], connection.Missed) { Connection = connection };
        Attached(connection);
    }

    private async Task WriteMissedAsync(MqttConnection connection, OngoingBroadcast[] ongoing)
    {
        connection.Missed = await MissedByAsync(connection, ongoing).ConfigureAwait(false);
        Attached(connection);
    }
}

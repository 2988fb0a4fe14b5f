using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>The open connections of one product in one shard, as an array that a broadcast walks.</summary>
internal sealed class ProductConnections
{
    private readonly Lock _gate = new();
    private MqttConnection[] _connections = new MqttConnection[4];
    private int _count;

    public void Add(MqttConnection connection)
    {
        lock (_gate)
        {
            if (connection.PlaceInProduct >= 0)
            {
                return;
            }

            if (_count == _connections.Length)
            {
                Array.Resize(ref _connections, 2 * _count);
            }

            connection.PlaceInProduct = _count;
            _connections[_count++] = connection;
        }
    }

    /// <returns>Whether it was the last.</returns>
    public bool Remove(MqttConnection connection)
    {
        lock (_gate)
        {
            if (connection.PlaceInProduct is >= 0 and var place)
            {
                // The last one takes the place that is free.
                var last = _connections[--_count];
                _connections[_count] = null!;
                if (last != connection)
                {
                    _connections[place] = last;
                    last.PlaceInProduct = place;
                }

                connection.PlaceInProduct = -1;
            }

            return _count == 0;
        }
    }

    /// <summary>The connections as they are now; the caller disposes of them.</summary>
    public RentedConnections Rent()
    {
        lock (_gate)
        {
            return new RentedConnections(_connections.AsSpan(0, _count));
        }
    }
}

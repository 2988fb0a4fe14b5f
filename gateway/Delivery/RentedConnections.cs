using System.Buffers;
using System.Diagnostics;
using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>
/// The open connections of a product as they were at one moment, to be walked in parts. They are in an array of the shared pool, which goes back when whoever has
/// rented them disposes of them, once or more often.
/// </summary>
internal sealed class RentedConnections : IDisposable
{
    private readonly int _count;
    private MqttConnection[]? _connections;
    private int _next;

    public RentedConnections(ReadOnlySpan<MqttConnection> connections)
    {
        _count = connections.Length;
        _connections = ArrayPool<MqttConnection>.Shared.Rent(_count);
        connections.CopyTo(_connections);
    }

    public ReadOnlySpan<MqttConnection> All => _connections.AsSpan(0, _count);

    /// <summary>Whether all of them have been passed.</summary>
    public bool IsPassed => _next == _count;

    /// <summary>Those that are next, at most so many.</summary>
    public ReadOnlySpan<MqttConnection> Next(int countMax) => _connections.AsSpan(_next, Math.Min(countMax, _count - _next));

    /// <summary>So many more of them are done with.</summary>
    public void Pass(int count)
    {
        Debug.Assert(count >= 0 && count <= _count - _next, "More were passed than there were.");
        _next += count;
    }

    public void Dispose()
    {
        if (_connections is { } connections)
        {
            _connections = null;
            ArrayPool<MqttConnection>.Shared.Return(connections, clearArray: true);
        }
    }
}

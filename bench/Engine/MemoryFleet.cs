using System.Net;
using IotPlatform.Bench.Load;

namespace IotPlatform.Bench.Engine;

/// <summary>Connects devices to a gateway in this process.</summary>
internal sealed class MemoryFleet(MemoryGateway gateway) : IDisposable
{
    private const int ConnectingMax = 1_024;

    // 10.0.0.0, in the order in which addresses are kept.
    private const long FirstAddress = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly DeviceNames Names = new('m');

    private readonly SemaphoreSlim _room = new(ConnectingMax);
    private readonly List<MemoryDevice> _devices = [];
    private int _refused;

    public IReadOnlyList<MemoryDevice> Devices => _devices;

    /// <summary>Connects the next devices until there are so many; throws when one was not let in.</summary>
    public async Task ConnectAsync(int upTo)
    {
        while (_devices.Count < upTo)
        {
            await EnterAsync(1);
            var number = _devices.Count;
            var device = new MemoryDevice(gateway.Connections, AddressOf(number), Answered);
            _devices.Add(device);
            device.Write(ConnectPacket.Connect(Names, number, DeviceIdentity.Any(Names, number), ConnectPacket.LongKeepAlive));
        }

        await EnterAsync(ConnectingMax);
        _room.Release(ConnectingMax);
        if (_refused > 0)
        {
            throw new IOException($"{_refused} of {upTo} devices were not let in");
        }
    }

    public void Dispose() => _room.Dispose();

    private static IPEndPoint AddressOf(int number) => new(new IPAddress(FirstAddress | (IPAddress.HostToNetworkOrder(number) & 0xFFFF_FF00L)), 1024 + (number % 60_000));

    private async Task EnterAsync(int count)
    {
        for (var entered = 0; entered < count; entered++)
        {
            if (!await _room.WaitAsync(Patience))
            {
                throw new IOException($"no CONNACK came for {Patience.TotalSeconds} s, after {_devices.Count} devices");
            }
        }
    }

    private void Answered(MemoryDevice device)
    {
        if (!device.IsOnline)
        {
            Interlocked.Increment(ref _refused);
        }

        _room.Release();
    }
}

using System.Net;
using System.Runtime.InteropServices;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using Microsoft.Extensions.Options;

namespace IotPlatform.Transport.Limits;

/// <summary>Counts the connections that are there, in all and by address, and lets in no more than there may be.</summary>
internal sealed class Door
{
    private readonly LimitOptions _limits;
    private readonly GatewayInstruments _instruments;
    private readonly int? _connectionsMax;
    private readonly Lock _gate = new();
    private readonly Dictionary<AddressKey, int> _byAddress = [];
    private int _count;

    public Door(IOptions<GatewayOptions> options, GatewayInstruments instruments)
        : this(options, instruments, DescriptorLimit.ConnectionsMax)
    {
    }

    /// <param name="options">The gateway's settings.</param>
    /// <param name="instruments">Counts who comes and who is refused.</param>
    /// <param name="descriptorsMax">Connections that the system allows; null: any number.</param>
    internal Door(IOptions<GatewayOptions> options, GatewayInstruments instruments, int? descriptorsMax)
    {
        _limits = options.Value.Limits;
        _instruments = instruments;
        _connectionsMax = _limits.ConnectionsMax < descriptorsMax ? _limits.ConnectionsMax : descriptorsMax ?? _limits.ConnectionsMax;
    }

    /// <summary>Addresses that are counted: no more than there are connections.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
            {
                return _byAddress.Count;
            }
        }
    }

    /// <summary>Somebody comes, whose address is not known yet. Whoever is let in leaves once.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) > _connectionsMax)
        {
            Interlocked.Decrement(ref _count);
            _instruments.ConnectionRefused(RefusalReason.Connections);
            return false;
        }

        _instruments.Entered();
        return true;
    }

    /// <summary>The address of somebody who came in. Where there are too many from there, it was in vain, and they have left again.</summary>
    public bool TryIntroduce(EndPoint client)
    {
        if (_limits.ConnectionsPerAddressMax is not { } max || TryAdd(AddressKey.Of(client), max))
        {
            return true;
        }

        _instruments.ConnectionRefused(RefusalReason.ConnectionsPerAddress);
        Leave();
        return false;
    }

    /// <summary>Somebody leaves who was not introduced.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _count);
        _instruments.Left();
    }

    /// <summary>Somebody leaves who was introduced.</summary>
    public void Leave(EndPoint client)
    {
        if (_limits.ConnectionsPerAddressMax is not null)
        {
            Remove(AddressKey.Of(client));
        }

        Leave();
    }

    private bool TryAdd(AddressKey address, int max)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, address, out _);
            if (count >= max)
            {
                return false;
            }

            count++;
            return true;
        }
    }

    private void Remove(AddressKey address)
    {
        lock (_gate)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_byAddress, address);
            if (--count == 0)
            {
                _byAddress.Remove(address);
            }
        }
    }
}

using System.Net;

namespace IotPlatform.Transport.Limits;

/// <summary>An address, or all addresses of a network.</summary>
internal readonly struct AddressRange
{
    private readonly IPNetwork _network;

    private AddressRange(IPNetwork network) => _network = network;

    /// <param name="text">An address as <c>10.1.2.3</c>, or a network as <c>10.1.0.0/16</c>.</param>
    /// <param name="range">What it names.</param>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        if (IPNetwork.TryParse(text, out var network))
        {
            range = new AddressRange(network);
            return true;
        }

        if (!IPAddress.TryParse(text, out var address))
        {
            return false;
        }

        address = Plain(address);
        range = new AddressRange(new IPNetwork(address, address.GetAddressBytes().Length * 8));
        return true;
    }

    public bool Contains(EndPoint client) => client is IPEndPoint { Address: var address } && _network.Contains(Plain(address));

    // A socket for both families shows IPv4 addresses as IPv6 ones.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

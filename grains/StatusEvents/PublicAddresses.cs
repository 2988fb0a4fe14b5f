using System.Net;
using System.Net.Sockets;

namespace IotPlatform.StatusEvents;

/// <summary>Tells addresses of the public internet from all others. Source: the IANA registries of special-purpose addresses, for IPv4 and IPv6.</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        // RFC 791: this network; RFC 1918: private; RFC 6598: shared by carriers; RFC 1122: this machine; RFC 3927: link-local, where clouds serve credentials.
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),

        // RFC 6890: protocol assignments; RFC 5737: documentation; RFC 7526: relays; RFC 2544: benchmarks; RFC 5771: multicast; RFC 1112: reserved, with the broadcast.
        IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("192.88.99.0/24"), IPNetwork.Parse("198.18.0.0/15"),
        IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
    ];

    // RFC 4291: what is assigned as global unicast lies in 2000::/3; within it, what leads elsewhere: RFC 2928 (with Teredo), RFC 3849, RFC 3056, RFC 9637.
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublicUnicast =
        [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("2002::/16"), IPNetwork.Parse("3fff::/20")];

    /// <summary>Whether the address is one of the public internet.</summary>
    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetwork
            ? !Array.Exists(NotPublic, network => network.Contains(address))
            : GlobalUnicast.Contains(address) && !Array.Exists(NotPublicUnicast, network => network.Contains(address));
    }
}

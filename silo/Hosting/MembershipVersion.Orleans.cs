using IotPlatform.Gateways;

namespace IotPlatform.Hosting;

/// <summary>The version of the cluster's membership, as this silo knows it.</summary>
internal sealed class MembershipVersion(IClusterMembershipService membership) : IClusterVersion
{
    // Never 0, which gateways take for "not known yet".
    public long Current => membership.CurrentSnapshot.Version.Value + 1;
}

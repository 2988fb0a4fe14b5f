using System.Collections.Immutable;
using IotPlatform.Products;

namespace IotPlatform.Routing;

/// <summary>What <see cref="TopicPolicy"/> knows of a product: one object for all of its devices, because there may be a million of them.</summary>
internal sealed class ProductTopics(string productKey, bool hasFreeTopics, ImmutableArray<TopicPermission> permissions)
{
    /// <summary>Whether topics that are nobody's may be used.</summary>
    public bool HasFreeTopics => hasFreeTopics;

    /// <summary>What may be published to, beyond a device's own branches.</summary>
    public PermittedFilter[] Published { get; } = FiltersFor(TopicAccess.Publish, productKey, permissions);

    /// <summary>What may be subscribed to, beyond a device's own branches.</summary>
    public PermittedFilter[] Subscribed { get; } = FiltersFor(TopicAccess.Subscribe, productKey, permissions);

    private static PermittedFilter[] FiltersFor(TopicAccess access, string productKey, ImmutableArray<TopicPermission> permissions) =>
        permissions.IsDefaultOrEmpty ? []
        : [.. permissions.Where(permission => permission.Access.HasFlag(access)).Select(permission => new PermittedFilter(permission.Filter, productKey))];
}

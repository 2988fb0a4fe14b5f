using System.Collections.Immutable;

namespace IotPlatform.Products;

/// <summary>A product.</summary>
/// <param name="ProductKey">Unique.</param>
/// <param name="Name">For people.</param>
/// <param name="IsEnabled">Whether its devices may log in.</param>
/// <param name="IsRegistrationOpen">Whether unknown devices register themselves at their first login.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="TopicPermissions">What its devices may use beyond their own branches.</param>
/// <param name="Messages">How messages to its devices are kept and retried; null: by the installation's settings.</param>
[GenerateSerializer, Immutable, Alias("iot.product-view")]
public sealed record ProductView(
    [property: Id(0)] string ProductKey,
    [property: Id(1)] string Name,
    [property: Id(2)] bool IsEnabled,
    [property: Id(3)] bool IsRegistrationOpen,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] ImmutableArray<TopicPermission> TopicPermissions,
    [property: Id(6)] MessagePolicy? Messages = null);

using IotPlatform.Api.Rest;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>The toy service's REST form.</summary>
internal static class ToyRoutes
{
    public static IReadOnlyList<RestRoute> All { get; } =
    [
        RestRoute.Create("/v1/echoes", "iot.toy.v1.Toy/Echo", "Echoes."),
        RestRoute.Get("/v1/echoes", "iot.toy.v1.Toy/Echo", "Echoes the query."),
        RestRoute.Post("/v1/echoes/{text}:enable", "iot.toy.v1.Toy/Echo", "Echoes a name with a verb."),
        RestRoute.Get("/v1/echoes/{text}", "iot.toy.v1.Toy/Echo", "Echoes a name."),
        RestRoute.Delete("/v1/echoes/{text}", "iot.toy.v1.Toy/Echo", "Echoes nothing."),
        RestRoute.Get("/v1/numbers/{bigNumber}/words/{text}", "iot.toy.v1.Toy/Echo", "Echoes a number and a word."),
    ];
}

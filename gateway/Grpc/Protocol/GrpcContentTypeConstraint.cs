namespace IotPlatform.Grpc.Protocol;

/// <summary>Lets a route match gRPC requests only, so that the answer to an unknown method has the form that its caller speaks.</summary>
internal sealed class GrpcContentTypeConstraint : IRouteConstraint
{
    /// <inheritdoc/>
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        GrpcContentType.IsGrpc(httpContext?.Request.ContentType);
}

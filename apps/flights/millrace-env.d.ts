// Written by `millrace types`. Columns of every step, so that the compiler checks code steps. Commit it; do not edit it.
import "millrace";

declare module "millrace" {
  interface Register {
    pipelines: {
      flights: {
        raw_flights: {
          date: "TIMESTAMP";
          delay: "BIGINT";
          distance: "BIGINT";
          origin: "VARCHAR";
          destination: "VARCHAR";
        };
        raw_airports: {
          iata: "VARCHAR";
          name: "VARCHAR";
          city: "VARCHAR";
          state: "VARCHAR";
          country: "VARCHAR";
          latitude: "DOUBLE";
          longitude: "DOUBLE";
        };
        raw_strikes: {
          "Airport Name": "VARCHAR";
          "Aircraft Make Model": "VARCHAR";
          "Effect Amount of damage": "VARCHAR";
          "Flight Date": "DATE";
          "Aircraft Airline Operator": "VARCHAR";
          "Origin State": "VARCHAR";
          "Phase of flight": "VARCHAR";
          "Wildlife Size": "VARCHAR";
          "Wildlife Species": "VARCHAR";
          "Time of day": "VARCHAR";
          "Cost Other": "BIGINT";
          "Cost Repair": "BIGINT";
          "Cost Total $": "BIGINT";
          "Speed IAS in knots": "BIGINT";
        };
        raw_zips: {
          zip_code: "VARCHAR";
          latitude: "DOUBLE";
          longitude: "DOUBLE";
          city: "VARCHAR";
          state: "VARCHAR";
          county: "VARCHAR";
        };
        flights: {
          departed_at: "TIMESTAMP";
          day: "DATE";
          origin: "VARCHAR";
          destination: "VARCHAR";
          delay: "BIGINT";
          distance: "BIGINT";
          is_plausible: "BOOLEAN";
        };
        airports: {
          iata: "VARCHAR";
          name: "VARCHAR";
          city: "VARCHAR";
          state: "VARCHAR";
          latitude: "DOUBLE";
          longitude: "DOUBLE";
        };
        strikes: {
          day: "DATE";
          phase: "VARCHAR";
          speed_knots: "BIGINT";
          cost_dollars: "BIGINT";
        };
        usual_flights: {
          day: "DATE";
          delay: "BIGINT";
        };
        routes: {
          origin: "VARCHAR!";
          destination: "VARCHAR!";
          flights: "BIGINT!";
          shortest: "BIGINT";
          longest: "BIGINT";
          from_latitude: "DOUBLE";
          from_longitude: "DOUBLE";
          to_latitude: "DOUBLE";
          to_longitude: "DOUBLE";
        };
        states: {
          state: "VARCHAR";
          flights: "BIGINT!";
          avg_delay: "DOUBLE";
          miles: "BIGINT";
        };
        days: {
          day: "DATE";
          flights: "BIGINT!";
          avg_delay: "DOUBLE";
          worst_delay: "BIGINT";
        };
        measured_routes: {
          origin: "VARCHAR";
          destination: "VARCHAR";
          flights: "BIGINT!";
          shortest: "BIGINT";
          longest: "BIGINT";
          great_circle: "DOUBLE!";
        };
        v1_state: {
          state: "VARCHAR!";
          flights: "BIGINT!";
          avg_delay: "DOUBLE";
          miles: "BIGINT";
        };
        v2_dirty: {
          total: "BIGINT!";
          too_early: "BIGINT!";
          very_late: "BIGINT!";
          quarantined: "BIGINT!";
          dup_groups: "BIGINT!";
          airports_without_state: "BIGINT!";
        };
        v3_daily: {
          m: "VARCHAR";
          flights: "BIGINT!";
          days: "BIGINT!";
          avg_delay: "DOUBLE";
        };
        v4_distance: {
          routes: "BIGINT!";
          several_distances: "BIGINT!";
          off_by_25_miles: "BIGINT!";
        };
        v5_strikes: {
          phase: "VARCHAR";
          n: "BIGINT!";
          with_speed: "BIGINT!";
          cost: "BIGINT";
        };
        v6_zip: {
          n: "BIGINT!";
          leading_zero: "BIGINT!";
          first: "VARCHAR";
          width: "BIGINT";
        };
      };
    };
    inputs: {
      flights: {
        raw_flights: {};
        raw_airports: {};
        raw_strikes: {};
        raw_zips: {};
        flights: { raw: "raw_flights" };
        airports: { raw: "raw_airports" };
        strikes: { raw: "raw_strikes" };
        usual_flights: { flights: "flights" };
        routes: { flights: "flights"; airports: "airports" };
        states: { flights: "flights"; airports: "airports" };
        days: { usual: "usual_flights" };
        measured_routes: { rows: "routes" };
        v1_state: { states: "states" };
        v2_dirty: { flights: "flights"; airports: "airports" };
        v3_daily: { flights: "flights" };
        v4_distance: { routes: "measured_routes" };
        v5_strikes: { strikes: "strikes" };
        v6_zip: { zips: "raw_zips" };
      };
    };
  }
}
